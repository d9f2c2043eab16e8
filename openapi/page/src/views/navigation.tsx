// Services, methods and types at the left. Only what is open is rendered: an API may have thousands of types.

import { useState } from "preact/hooks";
import type { ComponentChildren } from "preact";
import { methodAddress, serviceAddress, typeAddress } from "../call/share";
import type { Entry } from "../model/catalogue";
import type { Route, Service, Type } from "../model/api";
import { Icon } from "./icon";
import type { Page } from "./page";

/** Methods in all up to which every service is open from the beginning. */
const FEW_METHODS = 60;
/** Types of one kind up to which they stand in one list; and in a part of a longer one. */
const FEW_TYPES = 120;

const KINDS: [title: string, kinds: Type["kind"][]][] = [
  ["Structs", ["struct", "union"]],
  ["Exceptions", ["exception"]],
  ["Enums", ["enum"]],
  ["Typedefs", ["typedef"]],
];

export function Navigation({ page }: { page: Page }) {
  const { api, entries } = page.catalogue;
  const areFew = entries.length <= FEW_METHODS;
  const current = page.place.value;
  const shown = current.kind === "method" ? page.catalogue.entry(current.id) : undefined;
  return (
    <nav
      id="navigation"
      class={page.isMenuOpen.value ? "open" : ""}
      aria-label="API"
      onClick={(event) => {
        // A link to the place that is shown changes no address.
        if (event.target instanceof HTMLAnchorElement) page.isMenuOpen.value = false;
      }}
    >
      <ul class="tree">
        <li>
          <a href="#/" aria-current={current.kind === "home" ? "page" : undefined}>
            Overview
          </a>
        </li>
      </ul>
      {api.routes.map((route) => (
        <section>
          {api.routes.length > 1 && <h2 class="route-name">{route.path}</h2>}
          <ul class="tree">
            {route.services.map((service) => (
              <ServiceItem page={page} route={route} service={service} shown={shown} isOpen={areFew} />
            ))}
          </ul>
        </section>
      ))}
      {api.types.length > 0 && <h2>Types</h2>}
      <ul class="tree">
        {KINDS.map(([title, kinds]) => (
          <TypesItem page={page} title={title} types={api.types.filter((type) => kinds.includes(type.kind))} />
        ))}
      </ul>
    </nav>
  );
}

interface ServiceProps {
  page: Page;
  route: Route;
  service: Service;
  shown: Entry | undefined;
  isOpen: boolean;
}

function ServiceItem({ page, route, service, shown, isOpen }: ServiceProps) {
  const place = page.place.value;
  const isShown = place.kind === "service" && place.name === service.name && place.route === route.path;
  const holdsShown = shown?.service === service;
  return (
    <Branch
      label={service.name}
      address={serviceAddress(route.path, service.name)}
      isCurrent={isShown}
      isOpen={isOpen || holdsShown || isShown}
    >
      {() =>
        page.catalogue.of(service).map((entry) => (
          <li>
            <a
              href={methodAddress(entry.id)}
              class={entry.method.deprecated === undefined ? "" : "deprecated"}
              aria-current={entry === shown ? "page" : undefined}
            >
              {entry.method.name}
            </a>
          </li>
        ))
      }
    </Branch>
  );
}

function TypesItem({ page, title, types }: { page: Page; title: string; types: Type[] }) {
  if (types.length === 0) return null;
  const place = page.place.value;
  const shown = place.kind === "type" ? place.name : undefined;
  const holdsShown = types.some((type) => type.name === shown);
  return (
    <Branch label={title} count={types.length} isOpen={holdsShown}>
      {() => {
        const sorted = [...types].sort((left, right) => (left.name < right.name ? -1 : 1));
        if (sorted.length <= FEW_TYPES) return typeLinks(sorted, shown);
        return parts(sorted).map((part) => (
          <Branch label={`${part[0]?.name} – ${part.at(-1)?.name}`} isOpen={part.some((type) => type.name === shown)}>
            {() => typeLinks(part, shown)}
          </Branch>
        ));
      }}
    </Branch>
  );
}

function parts(types: Type[]): Type[][] {
  const count = Math.ceil(types.length / FEW_TYPES);
  return Array.from({ length: count }, (_, index) => types.slice(index * FEW_TYPES, (index + 1) * FEW_TYPES));
}

function typeLinks(types: Type[], shown: string | undefined): ComponentChildren {
  return types.map((type) => (
    <li>
      <a
        href={typeAddress(type.name)}
        class={type.deprecated === undefined ? "" : "deprecated"}
        aria-current={type.name === shown ? "page" : undefined}
      >
        {type.name}
      </a>
    </li>
  ));
}

interface BranchProps {
  label: string;
  address?: string;
  count?: number;
  isCurrent?: boolean;
  isOpen: boolean;
  /** Called only while it is open. */
  children: () => ComponentChildren;
}

function Branch({ label, address, count, isCurrent = false, isOpen, children }: BranchProps) {
  // Undefined until the reader opens or closes it.
  const [chosen, choose] = useState<{ isOpen: boolean; wanted: boolean } | undefined>(undefined);
  const open = chosen === undefined || chosen.wanted !== isOpen ? isOpen : chosen.isOpen;
  const toggle = () => choose({ isOpen: !open, wanted: isOpen });
  return (
    <li>
      <div class="branch">
        <button
          type="button"
          class={address === undefined ? "branch-label" : "icon small"}
          aria-expanded={open}
          aria-label={address === undefined ? undefined : `Methods of ${label}`}
          onClick={toggle}
        >
          <Icon name={open ? "down" : "right"} />
          {address === undefined && <span>{label}</span>}
          {count !== undefined && <span class="count">{count}</span>}
        </button>
        {address !== undefined && (
          <a href={address} aria-current={isCurrent ? "page" : undefined}>
            {label}
          </a>
        )}
      </div>
      {open && <ul>{children()}</ul>}
    </li>
  );
}
