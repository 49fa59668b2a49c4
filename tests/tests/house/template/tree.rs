//! `template.yaml` as a tree: a CloudFormation short tag becomes an object with one member of the tag's name, `{"!Ref": "X"}`.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value, json};
use serde_saphyr::Tagged;
use tests::ROOT;

/// The template's text and what it says.
pub(crate) struct Template {
    pub(crate) text: String,
    pub(crate) tree: Value,
}

impl Template {
    /// The project's own template, with what is nested in it.
    pub(crate) fn load() -> Self {
        super::nested::flattened(Self::alone("template.yaml"))
    }

    /// A template as it is in its file.
    pub(crate) fn alone(path: &str) -> Self {
        Self::parse(std::fs::read_to_string(format!("{ROOT}/{path}")).expect(path))
    }

    pub(crate) fn parse(text: String) -> Self {
        let Node(tree) = serde_saphyr::from_str(&text).expect("a template is YAML");
        Self { text, tree }
    }

    /// All resources of one type, by logical id.
    pub(crate) fn resources<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = (&'a str, &'a Value)> {
        let resources = self.tree.get("Resources").and_then(Value::as_object).expect("the template has resources");
        resources
            .iter()
            .filter(move |(_, resource)| resource["Type"] == kind)
            .map(|(id, resource)| (id.as_str(), resource))
    }

    /// The properties of a resource of one type.
    pub(crate) fn properties<'a>(&'a self, kind: &'a str, id: &str) -> Option<&'a Value> {
        self.resources(kind).find(|(found, _)| *found == id).map(|(_, resource)| &resource["Properties"])
    }

    /// A function's property: its own, else the one all functions share.
    pub(crate) fn function_property<'a>(&'a self, function: &'a Value, name: &str) -> &'a Value {
        let own = &function["Properties"][name];
        if own.is_null() { &self.tree["Globals"]["Function"][name] } else { own }
    }

    /// A function's environment variable: its own, else the one all functions share.
    pub(crate) fn function_variable<'a>(&'a self, function: &'a Value, name: &str) -> &'a Value {
        let own = &function["Properties"]["Environment"]["Variables"][name];
        if own.is_null() { &self.tree["Globals"]["Function"]["Environment"]["Variables"][name] } else { own }
    }
}

/// What `!Ref ID` or `!GetAtt ID.Arn` points to, also where it is there by a condition alone.
pub(crate) fn target(value: &Value) -> Option<&str> {
    if let Some([_, conditional, otherwise]) = value["!If"].as_array().map(Vec::as_slice)
        && *otherwise == json!({"!Ref": "AWS::NoValue"})
    {
        return target(conditional);
    }
    let reference = value.get("!Ref").or_else(|| value.get("!GetAtt"))?.as_str()?;
    Some(reference.strip_suffix(".Arn").unwrap_or(reference))
}

/// A value that may be written alone or in a list.
pub(crate) fn list(value: &Value) -> Vec<&Value> {
    match value {
        Value::Null => Vec::new(),
        Value::Array(items) => items.iter().collect(),
        one => vec![one],
    }
}

struct Node(Value);

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Tagged(Untagged(value), tag) = Tagged::deserialize(deserializer)?;
        Ok(Self(match tag {
            Some(tag) => json!({ tag: value }),
            None => value,
        }))
    }
}

struct Untagged(Value);

impl<'de> Deserialize<'de> for Untagged {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyYaml).map(Self)
    }
}

struct AnyYaml;

impl<'de> Visitor<'de> for AnyYaml {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a YAML value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(Node(item)) = sequence.next_element()? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut mapping: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some((name, Node(value))) = mapping.next_entry::<String, Node>()? {
            members.insert(name, value);
        }
        Ok(Value::Object(members))
    }
}
