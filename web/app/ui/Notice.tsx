import { type ReactNode, useEffect, useRef } from "react";
import styles from "./Notice.module.css";

/** Something that went wrong, or that has to be known before going on. It is read aloud, and takes the focus where asked. */
export function Notice({ children, look = "bad", focused = false }: { children: ReactNode; look?: "bad" | "calm"; focused?: boolean }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (focused) box.current?.focus();
  }, [focused]);
  return (
    <div ref={box} role={look === "bad" ? "alert" : "note"} tabIndex={-1} className={`${styles.notice} ${styles[look]}`}>
      {children}
    </div>
  );
}
