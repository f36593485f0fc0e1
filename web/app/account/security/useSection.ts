import { useRef } from "react";
import { useStatus } from "../../ui/useStatus";

/**
 * A part of a page in which something is opened, done and closed again: what was done is said, and the keyboard goes on at the
 * part's heading, since the button that was pressed is not there any more.
 */
export function useSection() {
  const say = useStatus();
  const heading = useRef<HTMLHeadingElement>(null);
  const close = (words?: string) => {
    heading.current?.focus();
    if (words) say(words);
  };
  return { heading, close };
}
