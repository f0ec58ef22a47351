// A signal or a ref that begins empty holds what its JSDoc type says, and anything where there is none.
import type {Signal as SignalOf} from "@preact/signals";

export type Signal<T = any> = SignalOf<T>;
export declare function signal(value: null): SignalOf<any>;
export declare function signal<T>(value: T): SignalOf<T>;
export declare function useRef(initial?: null): {current: any};
export declare function useRef<T>(initial: T): {current: T};
