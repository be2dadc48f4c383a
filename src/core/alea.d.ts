/** The part of seedrandom that `random.ts` uses; the package ships no types. */
declare module 'seedrandom/lib/alea.js' {
  interface AleaGenerator {
    /** 32 random bits as a number in [0, 1). */
    (): number;
    /** 53 random bits as a number in [0, 1). */
    double(): number;
    /** 32 random bits as a signed integer. */
    int32(): number;
  }
  export default function alea(seed: string): AleaGenerator;
}
