import { Trans, useLingui } from "@lingui/react/macro";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { ask } from "../graph/ask";
import { ApplyPromoCodeDocument, type CartFragment, RemovePromoCodeDocument } from "../graph/generated/graphql";
import { Button } from "../ui/Button";
import { wordsOf } from "../ui/Failure";
import { Field } from "../ui/Field";
import { useStatus } from "../ui/useStatus";
import styles from "./PromoCode.module.css";

/** The code of an advertisement, which makes it cheaper; one at a time. */
export function PromoCode({ reservation }: { reservation: CartFragment }) {
  const { t } = useLingui();
  const say = useStatus();
  const client = useQueryClient();
  const [words, setWords] = useState("");
  const { id: reservationId, total } = reservation;
  const applied = total.discounts.find(({ code }) => code);
  const show = (next: CartFragment | null | undefined) => {
    if (next) client.setQueriesData({ queryKey: ["reservation", reservationId] }, { reservation: next });
  };
  const apply = useMutation({
    mutationFn: (code: string) => ask(ApplyPromoCodeDocument, { input: { reservationId, code } }),
    onSuccess: ({ applyPromoCode }) => {
      show(applyPromoCode);
      setWords("");
      say(t`The code is applied.`);
    },
  });
  const remove = useMutation({
    mutationFn: () => ask(RemovePromoCodeDocument, { reservationId }),
    onSuccess: ({ removePromoCode }) => {
      show(removePromoCode);
      say(t`The code is taken back.`);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (words.trim()) apply.mutate(words.trim());
  };
  if (applied) {
    return (
      <p className={styles.applied}>
        <Trans>
          Code <strong>{applied.code}</strong> is applied.
        </Trans>
        <Button look="plain" isDisabled={remove.isPending} onPress={() => remove.mutate()}>
          <Trans>Take it back</Trans>
        </Button>
      </p>
    );
  }
  const problem = apply.error ? (wordsOf(apply.error) ?? t`That did not work. Try again.`) : null;
  return (
    <form className={styles.code} onSubmit={submit}>
      <Field
        label={t`Promo code`}
        value={words}
        onChange={({ target }) => setWords(target.value)}
        autoComplete="off"
        autoCapitalize="characters"
        maxLength={50}
        problem={problem}
      />
      <Button look="quiet" type="submit" isDisabled={apply.isPending}>
        <Trans>Apply</Trans>
      </Button>
    </form>
  );
}
