import { useLingui } from "@lingui/react/macro";
import { Link } from "@tanstack/react-router";
import { here } from "../graph/addresses";
import styles from "./Performers.module.css";
import type { ShownEvent } from "./queries";

/** Who performs, the most important first; each leads to what else they are in. */
export function Performers({ performers }: { performers: ShownEvent["performers"] }) {
  const { t } = useLingui();
  if (performers.length === 0) return null;
  return (
    <ul className={styles.performers} aria-label={t`Who performs`}>
      {performers.map(({ id, name, image }) => (
        <li key={id}>
          <Link to="/" search={{ q: name }}>
            {image && (
              <img
                src={here(image.url)}
                alt={image.altText}
                loading="lazy"
                style={image.placeholder ? { backgroundImage: `url("${image.placeholder}")` } : undefined}
              />
            )}
            {name}
          </Link>
        </li>
      ))}
    </ul>
  );
}
