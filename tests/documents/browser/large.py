"""An IDL as large as that of a large company: 5,000 structs and 500 methods."""

STRUCTS = 5000
METHODS = 500
METHODS_PER_SERVICE = 25
BASES = ("bool", "i32", "i64", "double", "string", "binary")


def struct(number):
    """A struct of eight fields, which refers to two others."""
    fields = [
        f"  {position}: optional {BASES[(number + position) % len(BASES)]} field{position}," for position in range(1, 7)
    ]
    fields += [
        f"  7: optional Struct{number * 7 % STRUCTS} other,",
        f"  8: optional list<Struct{(number * 11 + 1) % STRUCTS}> others,",
    ]
    doc = f"/** The struct of number {number}, which holds values of each kind, and refers to others. */"
    return "\n".join([doc, f"struct Struct{number} {{", *fields, "}"])


def method(number):
    stride = STRUCTS // METHODS
    given = [f"{id}: Struct{number * stride + id} argument{id}" for id in range(1, 4)]
    doc = f"  /** Does the thing of number {number}, and tells what came of it. */"
    return f"{doc}\n  Struct{number * stride} method{number}({', '.join(given)}),"


def service(number):
    first = number * METHODS_PER_SERVICE
    methods = [method(position) for position in range(first, first + METHODS_PER_SERVICE)]
    return "\n".join([f"/** Part {number} of the API. */", f"service Service{number} {{", *methods, "}"])


def idl():
    """The text of the file."""
    structs = [struct(number) for number in range(STRUCTS)]
    return "\n\n".join([*structs, *(service(number) for number in range(METHODS // METHODS_PER_SERVICE))]) + "\n"
