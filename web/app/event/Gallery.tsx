import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { here } from "../graph/addresses";
import styles from "./Gallery.module.css";
import { Lightbox } from "./Lightbox";
import type { ShownEvent } from "./queries";

/** An event's pictures, where it has more than the one that is shown at the top already. */
export function Gallery({ event }: { event: ShownEvent }) {
  const { t } = useLingui();
  const [at, setAt] = useState<number | null>(null);
  const { images, title } = event;
  if (images.length < 2) return null;
  return (
    <section aria-labelledby="pictures" className={styles.gallery}>
      <h2 id="pictures" className="aside">
        <Trans>Pictures</Trans>
      </h2>
      <ul className={styles.strip}>
        {images.map((image, place) => (
          <li key={image.id}>
            <button type="button" onClick={() => setAt(place)} aria-label={t`Enlarge: ${image.altText}`}>
              <img
                src={here(image.small)}
                alt=""
                loading="lazy"
                decoding="async"
                style={image.placeholder ? { backgroundImage: `url("${image.placeholder}")` } : undefined}
              />
            </button>
          </li>
        ))}
      </ul>
      <Lightbox title={title} shots={images} at={at} onTurn={setAt} />
    </section>
  );
}
