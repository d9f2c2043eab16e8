//! Typed indices into the arenas of a [`Schema`](crate::Schema).

/// Declares an index type and the arena of the schema that it indexes.
macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub struct $name(u32);

        impl $name {
            pub(crate) fn new(index: usize) -> Self {
                Self(u32::try_from(index).expect("a schema has fewer than 2^32 items of a kind"))
            }

            /// The position in the arena, stable for the life of the schema.
            #[inline]
            #[must_use]
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
    };
}

id!(
    /// A [`Program`](crate::Program): one IDL file.
    ProgramId
);
id!(
    /// A [`Struct`](crate::Struct): a struct, union, exception, or a method's arguments or result.
    StructId
);
id!(
    /// An [`Enum`](crate::Enum).
    EnumId
);
id!(
    /// A [`Typedef`](crate::Typedef).
    TypedefId
);
id!(
    /// A [`Constant`](crate::Constant).
    ConstantId
);
id!(
    /// A [`Service`](crate::Service).
    ServiceId
);
id!(
    /// A [`Function`](crate::Function) as one service declares it.
    FunctionId
);
id!(
    /// The element type of a list or set.
    ElementId
);
id!(
    /// The key and value types of a map.
    MapId
);
