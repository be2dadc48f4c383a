/**
 * JSON read by the parser of JavaScript itself: that of `JSON.parse` confuses keys with escapes from V8 12.8 on
 * (github.com/nodejs/node/issues/63785).
 *
 * @param text - JSON that does not name `__proto__`.
 */
export function readJson(text: string): ReturnType<typeof JSON.parse> {
  return new Function(`return (${text});`)();
}
