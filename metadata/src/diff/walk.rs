//! From the methods to everything that they reach.

use std::collections::{BTreeMap, BTreeSet};

use super::change::{Change, meaning};
use super::effect::Flow;
use super::found::Found;
use super::services::Methods;
use super::types::Pair;
use super::{enums, fields};
use crate::id::ProgramId;
use crate::schema::Schema;

/// Two items that stand for each other, and who meets them.
struct Node {
    found: Vec<Found>,
    /// What their common fields have
    met: Vec<Pair>,
    flow: Flow,
    methods: BTreeSet<String>,
}

/// What has changed in the arguments and the results of these methods, and in the types that they reach.
pub(super) fn compare(schemas: (&Schema, &Schema), methods: &Methods) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut nodes: BTreeMap<Pair, Node> = BTreeMap::new();
    for (&(old, new), names) in methods {
        let (before, after) = (&schemas.0[old], &schemas.1[new]);
        let name = format!("{}.{}", schemas.1[after.service].name, after.name);
        let parts = [
            (Flow::REQUESTS, before.arguments, after.arguments),
            (Flow::REPLIES, before.result, after.result),
        ];
        for (flow, before, after) in parts {
            let (found, met) = fields::compare(schemas, before, after, Some(&name));
            let program = schemas.1[after].program;
            let names: BTreeSet<String> = names.iter().cloned().collect();
            changes.extend(found.into_iter().map(|found| change(schemas.1, program, found, flow, &names)));
            visit(schemas, &mut nodes, met, flow, &names);
        }
    }
    for (pair, node) in nodes {
        let program = match pair {
            Pair::Structs(_, new) => schemas.1[new].program,
            Pair::Enums(_, new) => schemas.1[new].program,
        };
        let Node { found, flow, methods, .. } = node;
        changes.extend(found.into_iter().map(|found| change(schemas.1, program, found, flow, &methods)));
    }
    changes
}

/// Tells everything that is reached from `met` who reaches it.
fn visit(
    schemas: (&Schema, &Schema),
    nodes: &mut BTreeMap<Pair, Node>,
    met: Vec<Pair>,
    flow: Flow,
    methods: &BTreeSet<String>,
) {
    let mut seen: BTreeSet<Pair> = met.iter().copied().collect();
    let mut waiting = met;
    while let Some(pair) = waiting.pop() {
        let node = nodes.entry(pair).or_insert_with(|| node(schemas, pair));
        node.flow = node.flow.with(flow);
        node.methods.extend(methods.iter().cloned());
        waiting.extend(node.met.iter().filter(|&&pair| seen.insert(pair)));
    }
}

fn node(schemas: (&Schema, &Schema), pair: Pair) -> Node {
    let (found, met) = match pair {
        Pair::Structs(old, new) => fields::compare(schemas, old, new, None),
        Pair::Enums(old, new) => (enums::compare(&schemas.0[old], &schemas.1[new]), Vec::new()),
    };
    Node { found, met, flow: Flow::default(), methods: BTreeSet::new() }
}

fn change(
    schema: &Schema,
    program: ProgramId,
    found: Found,
    flow: Flow,
    methods: &BTreeSet<String>,
) -> Change {
    let Found { kind, place, was, is, rule } = found;
    let effects = rule.of(flow);
    Change {
        kind,
        place,
        file: schema[program].path.clone(),
        was,
        is,
        json: effects.json,
        wire: effects.wire,
        meaning: meaning(kind, rule, flow),
        flow,
        methods: methods.iter().cloned().collect(),
    }
}
