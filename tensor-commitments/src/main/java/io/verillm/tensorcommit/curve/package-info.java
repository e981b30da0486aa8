/**
 * The group behind the algebraic commitments: BLS12-381, its scalar field, multi-scalar
 * multiplication and the pairing check.
 *
 * <p>Start with {@link io.verillm.tensorcommit.curve.CurveBackend}. {@link
 * io.verillm.tensorcommit.curve.JavaCurve} is the definition; {@link
 * io.verillm.tensorcommit.curve.BlstCurve} is faster and gives the same points and the same
 * refusals. A {@link io.verillm.tensorcommit.curve.G1Point} only exists after every check on it has
 * passed. Nothing here hides a scalar from a timing observer: all values are public.
 */
@NullMarked
package io.verillm.tensorcommit.curve;

import org.jspecify.annotations.NullMarked;
