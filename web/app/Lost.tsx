import { Trans, useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { useEffect } from "react";
import styles from "./Lost.module.css";
import { buttonLook } from "./ui/Button";

/** Where nothing is. */
export function Lost() {
  const { t } = useLingui();
  useEffect(() => {
    document.title = `${t`Off the map`} – Odysseus`;
  }, [t]);
  return (
    <div className={`page narrow ${styles.lost}`}>
      <svg viewBox="0 0 320 150" aria-hidden="true">
        <path className={styles.sail} d="M176 18c40 6 62 24 66 62h-66z" />
        <path className={styles.sail} d="M166 30c-26 8-40 24-43 50h43z" />
        <path className={styles.hull} d="M170 8h4v76h-4zM66 84c10 26 34 34 62 34h92c26 0 42-12 50-42l8-6-22-4c-6 14-16 18-34 18z" />
        <path className={styles.oars} d="M118 112l-16 28M146 114l-12 26M174 114l-8 26M202 114l-4 26M228 110l2 30" />
        <circle className={styles.eye} cx="246" cy="96" r="5" />
      </svg>
      <div className={styles.sea} />
      <h1>
        <Trans>Off the map</Trans>
      </h1>
      <p>
        <Trans>Nothing is at this address. Perhaps it was mistyped, or what was here is over.</Trans>
      </p>
      <p>
        <Link to="/" search={{}} className={buttonLook()}>
          <Trans>See what is on</Trans>
        </Link>
      </p>
    </div>
  );
}
