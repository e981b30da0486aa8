/**
 * Bytes that are signed or hashed: deterministic CBOR, COSE_Sign1, and the keys that sign.
 *
 * <p>The schema of every message is {@code docs/wire.cddl}. Sources: RFC 8949 section 4.2.1, RFC
 * 9052, RFC 8032, RFC 9381, RFC 5869.
 */
@NullMarked
package io.verillm.core.wire;

import org.jspecify.annotations.NullMarked;
