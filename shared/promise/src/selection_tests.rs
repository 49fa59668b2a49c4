use super::*;

const DB: &str = "arn:aws:rds:eu-west-1:111122223333:db:orders";

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn resources(patterns: &[&str]) -> Selection {
    Selection { resources: texts(patterns), ..Selection::default() }
}

fn tags(pairs: &[(&str, &str)]) -> Selection {
    Selection {
        tags: pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        ..Selection::default()
    }
}

fn conditions(all: &[(TagTest, &str, &str)]) -> Selection {
    let condition = |(test, key, value): &(TagTest, &str, &str)| TagCondition {
        test: *test,
        key: (*key).into(),
        value: (*value).into(),
    };
    Selection { conditions: all.iter().map(condition).collect(), ..Selection::default() }
}

fn tagged(name: &str, value: &str) -> ToList {
    ToList::Tagged { name: name.to_owned(), value: Some(value.to_owned()) }
}

#[test]
fn a_selection_covers_what_it_names() {
    let all = Selection::default();
    let table = [
        (all, Covers::Yes),
        (resources(&[DB]), Covers::Yes),
        (resources(&["arn:aws:rds:*:*:db:*"]), Covers::Yes),
        (resources(&["*"]), Covers::Yes),
        (resources(&["arn:aws:ec2:*:*:volume/*"]), Covers::No),
        (resources(&["arn:aws:rds:*:db:orders-2"]), Covers::No),
        (resources(&["arn:aws:rds:eu-west-1:111122223333:db:o"]), Covers::No),
        (Selection { not_resources: texts(&["arn:aws:rds:*"]), ..resources(&[DB]) }, Covers::No),
    ];
    for (selection, covers) in table {
        assert_eq!(selection.covers(DB, None), covers, "{selection:?}");
        assert_eq!(selection.covers(DB, Some(&BTreeMap::new())), covers, "its tags do not count: {selection:?}");
    }
}

/// What each selection says of a database whose tags are not known, of one without tags, with `backup=daily`, and with `backup=off`.
#[test]
fn tags_bring_resources_in_and_conditions_narrow_them() {
    use Covers::{ByTags, No, Yes};
    use TagTest::{Equals, Like, NotEquals, NotLike};
    let key = "aws:ResourceTag/backup";
    let daily = || tags(&[("backup", "daily")]);
    let is_daily = || conditions(&[(Equals, key, "daily")]);
    let table = [
        (daily(), [ByTags, No, Yes, No]),
        (tags(&[(key, "daily")]), [ByTags, No, Yes, No]),
        (tags(&[("backup", "hourly"), ("backup", "daily")]), [ByTags, No, Yes, No]),
        // By its ARN or by a tag: a list of tags never takes out what Resources bring in.
        (Selection { resources: texts(&[DB]), ..daily() }, [Yes; 4]),
        (Selection { resources: texts(&["*"]), ..daily() }, [Yes; 4]),
        (Selection { resources: texts(&["arn:aws:ec2:*"]), ..daily() }, [ByTags, No, Yes, No]),
        (Selection { not_resources: texts(&[DB]), ..daily() }, [No; 4]),
        (is_daily(), [ByTags, No, Yes, No]),
        (Selection { resources: texts(&[DB]), ..is_daily() }, [ByTags, No, Yes, No]),
        (Selection { resources: texts(&["arn:aws:ec2:*"]), ..is_daily() }, [No; 4]),
        (conditions(&[(Like, key, "da*")]), [ByTags, No, Yes, No]),
        (conditions(&[(Like, key, "*")]), [ByTags, No, Yes, Yes]),
        (conditions(&[(NotEquals, key, "off")]), [ByTags, Yes, Yes, No]),
        (conditions(&[(NotLike, key, "of*")]), [ByTags, Yes, Yes, No]),
        (conditions(&[(Equals, key, "daily"), (Equals, "aws:ResourceTag/stage", "prod")]), [ByTags, No, No, No]),
        (conditions(&[(Equals, key, "daily"), (NotEquals, "aws:ResourceTag/stage", "test")]), [ByTags, No, Yes, No]),
        (Selection { tags: vec![("stage".into(), "prod".into())], ..is_daily() }, [ByTags, No, No, No]),
    ];
    let with = |value: &str| BTreeMap::from([("backup".to_owned(), value.to_owned())]);
    for (selection, expected) in table {
        let known = [BTreeMap::new(), with("daily"), with("off")];
        let mut said = vec![selection.covers(DB, None)];
        said.extend(known.iter().map(|tags| selection.covers(DB, Some(tags))));
        assert_eq!(said, expected, "{selection:?}");
    }
}

#[test]
fn one_list_finds_all_that_conditions_let_in() {
    use TagTest::{Equals, Like, NotEquals};
    let key = "aws:ResourceTag/backup";
    let table = [
        (resources(&[DB]), vec![]),
        (
            tags(&[("backup", "daily"), ("backup", "hourly")]),
            vec![tagged("backup", "daily"), tagged("backup", "hourly")],
        ),
        (Selection { resources: texts(&[DB]), ..tags(&[(key, "daily")]) }, vec![tagged("backup", "daily")]),
        (Selection::default(), vec![ToList::All]),
        (resources(&["arn:aws:rds:*"]), vec![ToList::All]),
        (conditions(&[(Equals, key, "daily"), (NotEquals, key, "off")]), vec![tagged("backup", "daily")]),
        (conditions(&[(Like, key, "da*")]), vec![ToList::Tagged { name: "backup".into(), value: None }]),
        (
            Selection { resources: texts(&["*"]), ..conditions(&[(Equals, key, "daily")]) },
            vec![tagged("backup", "daily")],
        ),
        (conditions(&[(NotEquals, key, "off")]), vec![ToList::All]),
        (Selection { resources: texts(&[DB]), ..conditions(&[(NotEquals, key, "off")]) }, vec![ToList::All]),
    ];
    for (selection, lists) in table {
        assert_eq!(selection.to_list(), lists, "{selection:?}");
    }
}

/// Whatever a selection is, a resource with known tags that none of its lists would hold is not covered, unless it is named.
#[test]
fn what_no_list_holds_is_not_covered() {
    use proptest::prelude::*;
    let name = || prop::sample::select(vec!["backup", "stage"]);
    let value = || prop::sample::select(vec!["daily", "prod", "off"]);
    let test = || prop::sample::select(vec![TagTest::Equals, TagTest::Like, TagTest::NotEquals, TagTest::NotLike]);
    let pattern = || prop::sample::select(vec![DB, "*", "arn:aws:ec2:*", "arn:aws:rds:*"]);
    let selection = (
        prop::collection::vec(pattern(), 0..2),
        prop::collection::vec((name(), value()), 0..3),
        prop::collection::vec((test(), name(), value()), 0..3),
    );
    let of_resource =
        prop::collection::btree_map(name().prop_map(str::to_owned), value().prop_map(str::to_owned), 0..3);
    proptest!(|((patterns, list, narrow) in selection, known in of_resource)| {
        let selection = Selection { resources: texts(&patterns), conditions: conditions(&narrow).conditions, ..tags(&list) };
        let holds = |list: &ToList| match list {
            ToList::All => true,
            ToList::Tagged { name, value } => known.get(name).is_some_and(|has| value.as_ref().is_none_or(|value| value == has)),
        };
        let is_found = selection.named().any(|named| named == DB) || selection.to_list().iter().any(holds);
        prop_assert!(is_found || selection.covers(DB, Some(&known)) == Covers::No);
    });
}
