import { type ButtonProps, Button as Pressable } from "react-aria-components";
import styles from "./Button.module.css";

type Look = "main" | "onNight" | "quiet" | "plain" | "icon";

export function Button({ look = "main", ...rest }: Omit<ButtonProps, "className"> & { look?: Look }) {
  return <Pressable {...rest} className={`${styles.button} ${styles[look]}`} />;
}

/** For links that are to look like buttons. */
export function buttonLook(look: Look = "main"): string {
  return `${styles.button} ${styles[look]}`;
}
