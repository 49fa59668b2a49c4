//! Reads a page as a browser's tokenizer does, and holds it to what browsers forgive: each element that begins ends, in its order.

use std::collections::BTreeMap;

use html5gum::{DefaultEmitter, Token, Tokenizer};

/// Elements that have no end.
const VOID: [&str; 3] = ["br", "meta", "link"];

pub(crate) struct Page {
    pub(crate) elements: Vec<Element>,
}

#[derive(Debug, Default)]
pub(crate) struct Element {
    pub(crate) name: String,
    pub(crate) attributes: BTreeMap<String, String>,
    /// The elements that it stands in, by their places.
    above: Vec<usize>,
    pub(crate) text: String,
}

impl Page {
    /// # Panics
    /// For what is no well-formed HTML.
    pub(crate) fn read(text: &str) -> Self {
        let mut emitter: DefaultEmitter = DefaultEmitter::default();
        emitter.naively_switch_states(true);
        let (mut elements, mut open) = (Vec::<Element>::new(), Vec::<usize>::new());
        let outside = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        for token in Tokenizer::new_with_emitter(text, emitter) {
            match token.unwrap() {
                Token::StartTag(tag) => {
                    let name = outside(&tag.name);
                    let attributes =
                        tag.attributes.iter().map(|(name, value)| (outside(name), outside(value))).collect();
                    elements.push(Element { name: name.clone(), attributes, above: open.clone(), text: String::new() });
                    if !VOID.contains(&name.as_str()) {
                        open.push(elements.len() - 1);
                    }
                }
                Token::EndTag(tag) => {
                    let last = open.pop().map(|at| elements[at].name.clone());
                    assert_eq!(last, Some(outside(&tag.name)), "elements end in another order than they begin");
                }
                Token::String(text) => open.iter().for_each(|at| elements[*at].text += &outside(&text)),
                Token::Doctype(_) => assert!(elements.is_empty(), "the document type stands first"),
                Token::Comment(comment) => panic!("a comment: {comment:?}"),
                Token::Error(error) => panic!("{error:?}"),
            }
        }
        assert_eq!(open, Vec::<usize>::new(), "everything that begins ends");
        Self { elements }
    }

    /// The elements that a path leads to: `table.rows th` are those in a table of that class, however deep.
    pub(crate) fn all(&self, path: &str) -> Vec<&Element> {
        let mut steps: Vec<&str> = path.split(' ').collect();
        let last = steps.pop().unwrap_or_default();
        let leads_here = |element: &&Element| {
            let mut above = element.above.iter();
            element.is(last) && steps.iter().all(|step| above.any(|at| self.elements[*at].is(step)))
        };
        self.elements.iter().filter(leads_here).collect()
    }

    pub(crate) fn texts(&self, path: &str) -> Vec<String> {
        self.all(path).into_iter().map(|element| element.text.trim().to_owned()).collect()
    }
}

impl Element {
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).map(String::as_str)
    }

    /// Whether it is `name`, `.class` or `name.class`.
    fn is(&self, step: &str) -> bool {
        let (name, class) = step.split_once('.').map_or((step, None), |(name, class)| (name, Some(class)));
        let has = |class| self.attribute("class").is_some_and(|all| all.split(' ').any(|one| one == class));
        (name.is_empty() || name == self.name) && class.is_none_or(has)
    }
}
