/** An object whose values are worked out when each is first read, and kept. */
export function observedOnce<T extends object>(observe: { readonly [K in keyof T]: () => T[K] }): T {
  const object = {};
  for (const key of Object.keys(observe) as (keyof T)[])
    Object.defineProperty(object, key, {
      enumerable: true,
      configurable: true,
      get() {
        const value = observe[key]();
        Object.defineProperty(object, key, { value, enumerable: true });
        return value;
      },
    });
  return object as T;
}
