/** Tabs as a keyboard and a screen reader expect them, and the fold of the list on a phone. */
import { byId } from "./dom";

/**
 * Switch between the named sections; `onFirst` is called when one is first shown.
 * Gives what shows a section, whose tab may have been hidden until then.
 */
export function useTabs(
  names: readonly string[],
  onFirst: Readonly<Record<string, () => void>>,
): (name: string) => void {
  const shown = new Set<string>();
  const show = (name: string): void => {
    for (const each of names) {
      const isShown = each === name;
      byId(each).hidden = !isShown;
      byId(`tab-${each}`).setAttribute("aria-selected", String(isShown));
      byId(`tab-${each}`).tabIndex = isShown ? 0 : -1;
    }
    byId("list").dataset["tab"] = name;
    if (!shown.has(name)) onFirst[name]?.();
    shown.add(name);
  };
  for (const name of names) {
    const tab = byId(`tab-${name}`);
    tab.addEventListener("click", () => show(name));
    tab.addEventListener("keydown", (key) => {
      const step = key.key === "ArrowRight" ? 1 : key.key === "ArrowLeft" ? -1 : 0;
      const shownNames = names.filter((each) => !byId(`tab-${each}`).hidden);
      const place = shownNames.indexOf(name);
      const next = shownNames[(place + step + shownNames.length) % shownNames.length];
      if (step === 0 || next === undefined) return;
      show(next);
      byId(`tab-${next}`).focus();
    });
  }
  return show;
}

/** On a phone the list is folded away until asked for. */
export function useFold(): void {
  const toggle = byId("toggle");
  const fold = (isOpen: boolean): void => {
    document.body.classList.toggle("list-open", isOpen);
    toggle.setAttribute("aria-expanded", String(isOpen));
  };
  toggle.addEventListener("click", () => fold(!document.body.classList.contains("list-open")));
  byId("list").addEventListener("click", (click) => {
    if (click.target instanceof Element && click.target.closest("[data-id]")) fold(false);
  });
}
