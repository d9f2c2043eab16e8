// The page model, as `api.json` has it: what the caller may see of the gateway's routes and types.

export interface Api {
  title: string;
  version: string;
  description?: string;
  servers: string[];
  /** The address of the OpenAPI document of everything. */
  openapi: string;
  security: Security;
  routes: Route[];
  types: Type[];
}

export interface Security {
  /** The header that takes an API key. */
  keyHeader?: string;
  bearer: boolean;
  required: boolean;
}

export interface Route {
  path: string;
  /** The hosts that it answers for; any where there is none. */
  hosts: string[];
  /** Headers that a call must have for the route to take it. */
  headers?: Record<string, string>;
  style: Style;
  /** Whether it answers from the IDL alone. */
  sandbox: boolean;
  openapi: string;
  services: Service[];
}

export interface Style {
  i64: "number" | "string";
  enums: "name" | "number";
  unknownFields: "refuse" | "ignore";
  missingArguments: "allow" | "refuse";
}

export interface Service {
  name: string;
  doc?: string;
  extends?: string;
  deprecated?: string | true;
  methods: Method[];
}

export interface Method {
  name: string;
  /** Where a call is posted. */
  path: string;
  doc?: string;
  oneway: boolean;
  arguments: Field[];
  success: TypeRef | null;
  throws: Field[];
  deprecated?: string | true;
  example: unknown;
  resultExample: unknown;
}

export interface Type {
  name: string;
  kind: "struct" | "union" | "exception" | "enum" | "typedef";
  doc?: string;
  deprecated?: string | true;
  fields?: Field[];
  members?: Member[];
  target?: TypeRef;
}

export interface Member {
  name: string;
  value: number;
  doc?: string;
}

export interface Field {
  id: number;
  name: string;
  type: TypeRef;
  /** The typedef that the IDL writes in place of the type. */
  typedef?: string;
  requiredness: "required" | "optional" | "default";
  default?: unknown;
  doc?: string;
  sensitive?: boolean;
  deprecated?: string | true;
  example?: unknown;
}

export type Base = "bool" | "i8" | "i16" | "i32" | "i64" | "double" | "string" | "binary" | "uuid";

export type TypeRef = Base | { list: TypeRef } | { set: TypeRef } | { map: [TypeRef, TypeRef] } | { ref: string };
