/** of the constant alone */ const i32 A = 1;

/** of B */
const i32 B = 2;
