/** Builds elements out of text nodes alone: what a ship sends is never read as markup. */

type Child = Node | string | null;

interface Traits {
  class?: string;
  attributes?: Record<string, string>;
  onClick?: () => void;
}

export function el<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  traits: Traits = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  if (traits.class !== undefined) element.className = traits.class;
  for (const [name, value] of Object.entries(traits.attributes ?? {})) {
    element.setAttribute(name, value);
  }
  if (traits.onClick !== undefined) element.addEventListener("click", traits.onClick);
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** The element of the page with this id; the page is ours, so a missing one is a fault of ours. */
export function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no element #${id}`);
  return found;
}

// Controls and the marks that turn the direction of text: a name must not rearrange what is around it.
// eslint-style tools dislike control characters in patterns; here they are what is looked for.
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** Text that came over the air: shown as it is, unseen characters made visible, direction isolated. */
export function foreign(text: string): HTMLElement {
  return el("bdi", {}, text.replace(UNSEEN, "\ufffd"));
}

export function button(
  label: string,
  onClick: () => void,
  className = "button",
): HTMLButtonElement {
  return el("button", { class: className, attributes: { type: "button" }, onClick }, label);
}

export function apiLink(label: string, href: string): HTMLAnchorElement {
  return el("a", { attributes: { href, target: "_blank", rel: "noopener" } }, label);
}

/** A waiting, empty or failed state; a failure offers another try. */
export function state(
  kind: "waiting" | "empty" | "failed",
  text: string,
  retry?: () => void,
): HTMLElement {
  const role = kind === "failed" ? "alert" : "status";
  const box = el("div", { class: `state ${kind}`, attributes: { role } }, el("p", {}, text));
  if (retry !== undefined) box.append(button("Try again", retry));
  return box;
}
