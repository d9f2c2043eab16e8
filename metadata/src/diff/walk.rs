//! From the methods to everything that they reach, and back from what has changed to the methods.

use std::collections::{BTreeMap, BTreeSet};

use super::change::{Change, meaning};
use super::effect::Flow;
use super::found::Found;
use super::services::Methods;
use super::types::Pair;
use super::{enums, fields};
use crate::id::ProgramId;
use crate::schema::Schema;

/// Two items that stand for each other.
struct Node<'m> {
    found: Vec<Found>,
    /// What their common fields have
    met: Vec<Pair>,
    flow: Flow,
    /// The structs that have them in a field
    users: Vec<Pair>,
    /// The names of the methods that have them in an argument or in the result
    methods: BTreeSet<&'m str>,
}

/// Everything that is reached.
struct Walk<'m> {
    schemas: (&'m Schema, &'m Schema),
    nodes: BTreeMap<Pair, Node<'m>>,
    changes: Vec<Change>,
}

/// What has changed in the arguments and the results of these methods, and in the types that they reach.
pub(super) fn compare(schemas: (&Schema, &Schema), methods: &Methods) -> Vec<Change> {
    let mut walk = Walk { schemas, nodes: BTreeMap::new(), changes: Vec::new() };
    for (&(old, new), names) in methods {
        let (old, new) = (&schemas.0[old], &schemas.1[new]);
        let place = format!("{}.{}", schemas.1[new.service].name, new.name);
        let names: BTreeSet<&str> = names.iter().map(|name| &**name).collect();
        let parts = [(Flow::REQUESTS, old.arguments, new.arguments), (Flow::REPLIES, old.result, new.result)];
        for (flow, old, new) in parts {
            let (found, met) = fields::compare(schemas, old, new, Some(&place));
            walk.report(schemas.1[new].program, found, flow, &names);
            for pair in met {
                walk.reach(pair, flow);
                walk.node(pair).methods.extend(&names);
            }
        }
    }
    walk.report_nodes();
    walk.changes
}

impl<'m> Walk<'m> {
    /// Notes that values of these items, and of all that they have, travel so.
    fn reach(&mut self, pair: Pair, flow: Flow) {
        let mut waiting = vec![pair];
        while let Some(pair) = waiting.pop() {
            let node = self.node(pair);
            let wider = node.flow.with(flow);
            if wider != node.flow {
                node.flow = wider;
                waiting.extend(&node.met);
            }
        }
    }

    /// The node of these items, which are compared the first time.
    fn node(&mut self, pair: Pair) -> &mut Node<'m> {
        if !self.nodes.contains_key(&pair) {
            let (found, met) = match pair {
                Pair::Structs(old, new) => fields::compare(self.schemas, old, new, None),
                Pair::Enums(old, new) => {
                    (enums::compare(&self.schemas.0[old], &self.schemas.1[new]), Vec::new())
                }
            };
            self.nodes.insert(
                pair,
                Node { found, met, flow: Flow::default(), users: Vec::new(), methods: BTreeSet::new() },
            );
        }
        self.nodes.get_mut(&pair).expect("it is there by now")
    }

    /// Reports what has changed in the items that are reached, with the methods that reach them.
    fn report_nodes(&mut self) {
        let uses: Vec<(Pair, Pair)> = self
            .nodes
            .iter()
            .flat_map(|(&user, node)| node.met.iter().map(move |&met| (user, met)))
            .collect();
        for (user, met) in uses {
            self.node(met).users.push(user);
        }
        let changed: Vec<Pair> =
            self.nodes.iter().filter(|(_, node)| !node.found.is_empty()).map(|(&pair, _)| pair).collect();
        for pair in changed {
            let program = match pair {
                Pair::Structs(_, new) => self.schemas.1[new].program,
                Pair::Enums(_, new) => self.schemas.1[new].program,
            };
            let names = self.methods(pair);
            let node = self.node(pair);
            let (found, flow) = (std::mem::take(&mut node.found), node.flow);
            self.report(program, found, flow, &names);
        }
    }

    /// The names of all methods that reach these items.
    fn methods(&self, pair: Pair) -> BTreeSet<&'m str> {
        let mut names = BTreeSet::new();
        let mut seen = BTreeSet::from([pair]);
        let mut waiting = vec![pair];
        while let Some(pair) = waiting.pop() {
            let node = &self.nodes[&pair];
            names.extend(&node.methods);
            waiting.extend(node.users.iter().filter(|&&user| seen.insert(user)));
        }
        names
    }

    fn report(&mut self, program: ProgramId, found: Vec<Found>, flow: Flow, methods: &BTreeSet<&str>) {
        let file = &self.schemas.1[program].path;
        self.changes.extend(found.into_iter().map(|Found { kind, place, was, is, rule }| {
            let effects = rule.of(flow);
            Change {
                kind,
                place,
                file: file.clone(),
                was,
                is,
                json: effects.json,
                wire: effects.wire,
                meaning: meaning(kind, rule, flow),
                flow,
                methods: methods.iter().map(|&name| name.into()).collect(),
            }
        }));
    }
}
