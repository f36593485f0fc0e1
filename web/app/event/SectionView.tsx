import { Trans, useLingui } from "@lingui/react/macro";
import { Eye } from "lucide-react";
import { useState } from "react";
import { Button } from "../ui/Button";
import { Lightbox } from "./Lightbox";
import type { ShownEvent } from "./queries";

/** Opens a picture of what is seen from a section, where the organizer has sent one. */
export function SectionView({ event, section: { key, name } }: { event: ShownEvent; section: { key: string; name: string } }) {
  const { t } = useLingui();
  const [at, setAt] = useState<number | null>(null);
  const view = event.layout?.sections.find((section) => section.key === key)?.view;
  if (!view) return null;
  return (
    <>
      <Button look="quiet" onPress={() => setAt(0)}>
        <Eye aria-hidden />
        <Trans>View from {name}</Trans>
      </Button>
      <Lightbox title={t`View from ${name}`} shots={[view]} at={at} onTurn={setAt} />
    </>
  );
}
