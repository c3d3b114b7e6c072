//! Resolves the modules of an application into indexes, before anything is built.

use std::{any::TypeId, collections::HashMap};

use crate::{
    Module, StartError,
    definition::{Definition, Import},
    name::Key,
    provider::Node,
};

mod cycles;

/// A module and where its parts are.
pub(crate) struct ModulePlan {
    pub(crate) key: Key,
    pub(crate) imports: Vec<usize>,
    pub(crate) nodes: Vec<usize>,
    pub(crate) exports: Vec<Key>,
    pub(crate) lifecycle: Option<purlin_base::lifecycle::SharedLifecycle>,
    /// What it provides, by type.
    provided: HashMap<TypeId, usize>,
}

/// A node, the module it is in and the nodes it is built from.
pub(crate) struct NodePlan {
    pub(crate) node: Node,
    pub(crate) module: usize,
    pub(crate) deps: Vec<usize>,
}

/// The whole application. Module 0 is the root.
pub(crate) struct Plan {
    pub(crate) modules: Vec<ModulePlan>,
    pub(crate) nodes: Vec<NodePlan>,
    /// Modules farthest from the root first.
    pub(crate) order: Vec<usize>,
    /// For each module its nodes, level by level, dependencies first.
    pub(crate) levels: Vec<Vec<Vec<usize>>>,
}

impl Plan {
    pub(crate) fn of<Root: Module>(prepare: Prepare<'_>) -> Result<Self, StartError> {
        let mut plan = Self {
            modules: Vec::new(),
            nodes: Vec::new(),
            order: Vec::new(),
            levels: Vec::new(),
        };
        plan.collect(Import::of::<Root>());
        plan.order = cycles::module_order(&plan.modules)?;
        prepare(&mut plan)?;
        plan.resolve()?;
        plan.levels = cycles::levels(&plan)?;
        Ok(plan)
    }

    /// Visits `root` and all it imports, each once, in the order in which they are named.
    fn collect(&mut self, root: Import) {
        let mut known = HashMap::from([(root.key.id, 0)]);
        let mut waiting = vec![root];
        let mut next = 0;
        while let Some(&import) = waiting.get(next) {
            let mut definition = Definition::default();
            (import.define)(&mut definition);
            let imports = definition.imports.iter().map(|import| {
                *known.entry(import.key.id).or_insert_with(|| {
                    waiting.push(*import);
                    waiting.len() - 1
                })
            });
            let imports = imports.collect();
            self.add(next, import.key, imports, definition);
            next += 1;
        }
    }

    fn add(&mut self, module: usize, key: Key, imports: Vec<usize>, definition: Definition) {
        let first = self.nodes.len();
        self.nodes
            .extend(definition.nodes.into_iter().map(|node| NodePlan {
                node,
                module,
                deps: Vec::new(),
            }));
        let nodes: Vec<usize> = (first..self.nodes.len()).collect();
        let provided = nodes.iter().filter_map(|&at| {
            let key = self.nodes[at].node.provides?;
            Some((key.id, at))
        });
        self.modules.push(ModulePlan {
            key,
            imports,
            provided: provided.collect(),
            nodes,
            exports: definition.exports,
            lifecycle: definition.lifecycle,
        });
    }

    fn resolve(&mut self) -> Result<(), StartError> {
        for at in 0..self.nodes.len() {
            let NodePlan { node, module, .. } = &self.nodes[at];
            let deps: Result<Vec<usize>, _> = node
                .deps
                .iter()
                .map(|&key| self.find_one(*module, key, node))
                .collect();
            self.nodes[at].deps = deps?;
        }
        Ok(())
    }

    fn find_one(&self, module: usize, key: Key, asking: &Node) -> Result<usize, StartError> {
        let found = self.in_reach(module, key);
        let (dependency, provider) = (key.name(), asking.name());
        let place = self.modules[module].key.name();
        match found[..] {
            [one] => Ok(one),
            [] => Err(StartError::DependencyMissing {
                dependency,
                provider,
                module: place,
            }),
            _ => Err(StartError::DependencyAmbiguous {
                dependency,
                provider,
                module: place,
                places: self.places(&found),
            }),
        }
    }

    fn places(&self, nodes: &[usize]) -> String {
        let names = nodes
            .iter()
            .map(|&at| format!("`{}`", self.module_of(at).key.name()));
        names.collect::<Vec<_>>().join(" and ")
    }

    /// The nodes that provide `key` to `module`: its own, and what its imports export.
    pub(crate) fn in_reach(&self, module: usize, key: Key) -> Vec<usize> {
        let here = &self.modules[module];
        let own = here.provided.get(&key.id).copied();
        let imported = here.imports.iter().filter_map(|&import| {
            let from = &self.modules[import];
            let at = *from.provided.get(&key.id)?;
            from.exports.contains(&key).then_some(at)
        });
        own.into_iter().chain(imported).collect()
    }

    /// Every node that provides `key`, in any module.
    pub(crate) fn anywhere(&self, key: Key) -> impl Iterator<Item = usize> {
        let found = self.modules.iter().map(move |it| it.provided.get(&key.id));
        found.flatten().copied()
    }

    pub(crate) fn module_of(&self, node: usize) -> &ModulePlan {
        &self.modules[self.nodes[node].module]
    }
}

/// Changes nodes before they are resolved: inputs and overrides.
pub(crate) type Prepare<'a> = &'a mut dyn FnMut(&mut Plan) -> Result<(), StartError>;
