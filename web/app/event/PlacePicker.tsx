import { Trans, useLingui } from "@lingui/react/macro";
import { Minus, Plus } from "lucide-react";
import { Button, Group, Input, Label, NumberField } from "react-aria-components";
import { useFormats } from "../words/useFormats";
import { allowed, mostOf, type Places } from "./choice";
import styles from "./PlacePicker.module.css";
import type { ShownEvent, ShownType } from "./queries";
import { SectionView } from "./SectionView";

/** Places without numbers: how many of each kind. */
export function PlacePicker(props: {
  event: ShownEvent;
  types: ShownType[];
  places: Places;
  onChange: (places: Places) => void;
  /** Whether there are numbered seats, too. */
  besideSeats: boolean;
}) {
  const { event, types, places, onChange, besideSeats } = props;
  return (
    <div className={styles.picker}>
      {besideSeats && (
        <h3>
          <Trans>Places without numbers</Trans>
        </h3>
      )}
      <ul className={styles.types}>
        {types.map((type) => (
          <li key={type.id}>
            <Quantity type={type} quantity={places[type.id] ?? 0} onChange={(quantity) => onChange({ ...places, [type.id]: quantity })} />
            <div className={styles.views}>
              {standingOf(event, type).map((section) => (
                <SectionView key={section.key} event={event} section={section} />
              ))}
            </div>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** The sections without numbers that a type is sold for. */
function standingOf({ layout }: ShownEvent, { sections }: ShownType) {
  return (layout?.sections ?? []).filter(
    ({ key, kind }) => kind === "GENERAL_ADMISSION" && (sections.length === 0 || sections.includes(key)),
  );
}

function Quantity({ type, quantity, onChange }: { type: ShownType; quantity: number; onChange: (quantity: number) => void }) {
  const { t } = useLingui();
  const format = useFormats();
  const open = type.status === "ON_SALE";
  const most = mostOf(type);
  return (
    <NumberField
      className={styles.type ?? ""}
      value={quantity}
      minValue={0}
      maxValue={most}
      isDisabled={!open}
      onChange={(wanted) => onChange(allowed(Number.isNaN(wanted) ? 0 : wanted, quantity, type))}
    >
      <div className={styles.words}>
        <Label className={styles.name ?? ""}>{type.name}</Label>
        {type.description && <p className="soft">{type.description}</p>}
        {type.restrictions.length > 0 && <p className="soft">{type.restrictions.join(" ")}</p>}
        <p>
          <strong className="numbers">{format.money(type.price)}</strong>{" "}
          {type.compareAtPrice && (
            <span className="soft">
              <Trans>later {format.money(type.compareAtPrice)}</Trans>{" "}
            </span>
          )}
          <span className="soft">
            <State type={type} />
          </span>
        </p>
      </div>
      {open && (
        <Group className={styles.steps ?? ""}>
          <Button slot="decrement" aria-label={t`One less`}>
            <Minus aria-hidden />
          </Button>
          <Input />
          <Button slot="increment" aria-label={t`One more`}>
            <Plus aria-hidden />
          </Button>
        </Group>
      )}
    </NumberField>
  );
}

function State({ type }: { type: ShownType }) {
  const { available, limitPerBuyer, minPerOrder } = type;
  const FEW = 20;
  if (type.status === "SOLD_OUT") return <Trans>sold out</Trans>;
  if (type.status !== "ON_SALE") return <Trans>not on sale</Trans>;
  if (available !== null && available !== undefined && available <= FEW) return <Trans>{available} left</Trans>;
  if (limitPerBuyer !== null && limitPerBuyer !== undefined) return <Trans>at most {limitPerBuyer} for each buyer</Trans>;
  return minPerOrder > 1 ? <Trans>at least {minPerOrder} together</Trans> : null;
}
