import { type InputHTMLAttributes, type ReactNode, useId } from "react";
import styles from "./Field.module.css";

/** A field with its name above it, and below what is wrong with it. */
export function Field({
  label,
  hint,
  problem,
  ...rest
}: InputHTMLAttributes<HTMLInputElement> & {
  label: ReactNode;
  hint?: ReactNode;
  problem?: string | null | undefined;
}) {
  const id = useId();
  const about = problem ? `${id}-problem` : hint ? `${id}-hint` : undefined;
  return (
    <div className={styles.field}>
      <label htmlFor={id}>{label}</label>
      <input {...rest} id={id} aria-invalid={problem ? true : undefined} aria-describedby={about} />
      {problem ? (
        <p id={`${id}-problem`} className={styles.problem}>
          {problem}
        </p>
      ) : (
        hint && (
          <p id={`${id}-hint`} className="soft">
            {hint}
          </p>
        )
      )}
    </div>
  );
}
