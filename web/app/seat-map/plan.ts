import { here } from "../graph/addresses";

/** A seating plan as the events service writes it: seats in columns. A plan never changes. */
export type Plan = {
  id: string;
  /** x, y, width, height. */
  viewBox: [number, number, number, number];
  focalPoint: [number, number] | null;
  sections: PlanSection[];
};

export type PlanSection = {
  key: string;
  name: string;
  outline?: [number, number][];
  labelAt?: [number, number];
  /** Missing where places have no numbers. */
  rows?: PlanRow[];
};

export type PlanRow = {
  label: string;
  labels: string[];
  x: number[];
  y: number[];
  accessible?: number[];
  restrictedView?: number[];
  /** Keys that are not `<section>-<row>-<label>`. */
  keys?: Record<string, string>;
};

/** Browsers keep a plan for a year. */
export async function readPlan(url: string, signal: AbortSignal): Promise<Plan> {
  const response = await fetch(here(url), { signal });
  if (!response.ok) throw new Error(`The plan could not be read (${response.status}).`);
  return (await response.json()) as Plan;
}
