// A page model with every kind of type, for looking at the page without a gateway.

const field = (id, name, type, more = {}) => ({ id, name, type, requiredness: "default", ...more });
const required = { requiredness: "required" };
const optional = { requiredness: "optional" };
const style = { i64: "number", enums: "name", unknownFields: "refuse", missingArguments: "allow" };

const types = [
  {
    name: "User",
    kind: "struct",
    doc: "A user, as the rest of the system knows one. See `Users.getUser` and LoginResult.\n\nIt has:\n\n- an **id** that never changes\n- a name, which *may* change, see [RFC 3339](https://www.rfc-editor.org/rfc/rfc3339)\n\n1. first\n2. second\n\n```\ncode { here }\n```\n\n<b>no HTML</b> <script>alert(1)</script>",
    fields: [
      field(1, "id", "i64", { ...required, doc: "Never changes." }),
      field(2, "email", "string", { ...required, doc: "Where mail goes to.", example: "ada@example.com" }),
      field(3, "displayName", "string", optional),
      field(4, "roles", { list: "string" }, { doc: "What the user may do." }),
      field(5, "color", { ref: "Color" }, { default: "BLUE", doc: "Of the icon." }),
      field(6, "manager", { ref: "User" }, optional),
    ],
  },
  {
    name: "Color",
    kind: "enum",
    doc: "Colors of the rainbow, and one below.",
    members: [
      { name: "RED", value: 0 },
      { name: "GREEN", value: 1, doc: "As grass." },
      { name: "BLUE", value: 5 },
      { name: "INFRARED", value: -3 },
    ],
  },
  { name: "Length", kind: "typedef", target: "i32", doc: "In metres." },
  {
    name: "Point",
    kind: "struct",
    fields: [
      field(1, "x", "i32", { ...required, typedef: "Length" }),
      field(2, "y", "i32", { ...required, typedef: "Length" }),
    ],
  },
  {
    name: "Choice",
    kind: "union",
    doc: "Exactly one of its fields.",
    fields: [
      field(1, "flag", "bool"),
      field(2, "number", "i64"),
      field(3, "text", "string"),
      field(4, "bytes", "binary"),
      field(5, "point", { ref: "Point" }),
      field(6, "numbers", { list: "i32" }),
    ],
  },
  {
    name: "Everything",
    kind: "struct",
    doc: "A field of each type.",
    fields: [
      field(1, "aBool", "bool", optional),
      field(2, "anI8", "i8", optional),
      field(3, "anI16", "i16", optional),
      field(4, "anI32", "i32", { default: 42 }),
      field(5, "anI64", "i64", optional),
      field(6, "aDouble", "double", optional),
      field(7, "aString", "string", optional),
      field(8, "aBinary", "binary", optional),
      field(9, "aUuid", "uuid", optional),
      field(10, "aColor", { ref: "Color" }, optional),
      field(11, "choice", { ref: "Choice" }, optional),
      field(12, "points", { list: { ref: "Point" } }, optional),
      field(13, "numbers", { set: "i32" }, optional),
      field(14, "strings", { map: ["string", "string"] }, optional),
      field(15, "byColor", { map: [{ ref: "Color" }, { ref: "Point" }] }, optional),
      field(16, "byPoint", { map: [{ ref: "Point" }, "string"] }, optional),
      field(17, "matrix", { list: { list: "double" } }, optional),
      field(18, "old", "string", { ...optional, deprecated: "Use aString." }),
      field(19, "longs", { list: "i64" }, optional),
    ],
  },
  {
    name: "LoginResult",
    kind: "struct",
    doc: "What a successful login gives.",
    fields: [
      field(1, "user", { ref: "User" }, required),
      field(2, "token", "string", { ...required, doc: "Goes with every later call.", sensitive: true }),
      field(3, "expiresIn", "i32", { default: 3600, doc: "Seconds from now." }),
    ],
  },
  {
    name: "SystemException",
    kind: "exception",
    doc: "The call could not be done; the code says why.",
    fields: [
      field(1, "errorCode", "i32", { doc: "401: email or password is wrong. 423: the account is locked." }),
      field(2, "message", "string"),
    ],
  },
];

const everything = {
  anI32: 7,
  anI64: "9007199254740993",
  aDouble: 2.5,
  choice: { point: { x: 1, y: 2 } },
  points: [{ x: 3, y: 4 }],
  strings: { de: "Hallo" },
  byPoint: [[{ x: 0, y: 0 }, "origin"]],
};

const thrown = [field(1, "err", { ref: "SystemException" })];
const user = { id: 42, email: "ada@example.com", roles: ["admin"], color: "BLUE" };

function method(service, name, more) {
  return {
    name,
    path: `/v1/${service}/${name}`,
    oneway: false,
    arguments: [],
    success: null,
    throws: [],
    example: {},
    resultExample: {},
    ...more,
  };
}

const services = [
  {
    name: "AuthenticationService",
    doc: "Logs users in.",
    methods: [
      method("AuthenticationService", "login", {
        doc: "Checks the password and opens a session.\n\nThe token of the LoginResult goes with every later call.",
        arguments: [
          field(1, "email", "string", { doc: "Of the account." }),
          field(2, "password", "string", { sensitive: true }),
        ],
        success: { ref: "LoginResult" },
        throws: thrown,
        example: { email: "ada@example.com", password: "secret" },
        resultExample: { success: { user, token: "f00d", expiresIn: 3600 } },
      }),
    ],
  },
  {
    name: "Users",
    doc: "Keeps users.",
    methods: [
      method("Users", "getUser", {
        doc: "The user of this id.",
        arguments: [field(1, "id", "i64", required)],
        success: { ref: "User" },
        throws: thrown,
        example: { id: 42 },
        resultExample: { success: user },
      }),
      method("Users", "saveUser", {
        doc: "Stores a user.",
        arguments: [field(1, "user", { ref: "User" }, required), field(2, "force", "bool", { default: false })],
        success: { ref: "User" },
        example: { user },
        resultExample: { success: user },
      }),
      method("Users", "echo", {
        doc: "Answers what it is given: every type there is.",
        arguments: [field(1, "value", { ref: "Everything" })],
        success: { ref: "Everything" },
        example: { value: everything },
        resultExample: { success: everything },
      }),
      method("Users", "log", {
        doc: "Noted, without an answer.",
        oneway: true,
        arguments: [field(1, "event", "string")],
        example: { event: "seen" },
      }),
      method("Users", "old", { doc: "Was used once.", deprecated: "Use Users.getUser." }),
    ],
  },
];

/** The model that is served; with `many`, one of 5,000 more structs and 500 more methods. */
export function model(many) {
  const api = {
    title: "Acme API",
    version: "1.4",
    description: "Users of **Acme**, and how they log in.",
    servers: ["/"],
    openapi: "/openapi.json",
    security: { keyHeader: "X-API-Key", bearer: true, required: false },
    routes: [{ path: "/v1", hosts: [], style, sandbox: true, openapi: "/openapi/v1.json", services }],
    types,
  };
  if (!many) return api;
  const extra = Array.from({ length: 5000 }, (_, index) => ({
    name: `Struct${String(index).padStart(4, "0")}`,
    kind: "struct",
    doc: `The struct of number ${index}, which holds numbers and another struct.`,
    fields: Array.from({ length: 8 }, (_, id) =>
      field(id + 1, `field${id}`, id === 7 ? { ref: `Struct${String((index * 7) % 5000).padStart(4, "0")}` } : "i32"),
    ),
  }));
  const big = {
    name: "Big",
    doc: "Many methods.",
    methods: Array.from({ length: 500 }, (_, index) =>
      method("Big", `method${index}`, {
        doc: `Does the thing of number ${index}.`,
        arguments: [field(1, "value", { ref: extra[index * 10].name })],
        success: { ref: extra[index].name },
      }),
    ),
  };
  api.routes[0] = { ...api.routes[0], services: [...services, big] };
  api.types = [...types, ...extra];
  return api;
}
