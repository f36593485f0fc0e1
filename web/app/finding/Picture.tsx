import { here } from "../graph/addresses";
import type { EventCategory } from "../graph/generated/graphql";
import styles from "./Picture.module.css";
import { Poster } from "./Poster";

type Shown = { slug: string; category: EventCategory; image?: { url: string; altText: string; placeholder?: string | null } | null };

/** An event's picture, or a poster that is made for it where it has none. */
export function Picture({ event, eager = false }: { event: Shown; eager?: boolean }) {
  const { image } = event;
  if (!image) return <Poster name={event.slug} category={event.category} />;
  return (
    <img
      className={styles.picture}
      src={here(image.url)}
      alt={image.altText}
      loading={eager ? "eager" : "lazy"}
      decoding="async"
      style={image.placeholder ? { backgroundImage: `url("${image.placeholder}")` } : undefined}
    />
  );
}
