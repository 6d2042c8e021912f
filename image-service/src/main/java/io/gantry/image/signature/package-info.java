/**
 * Whether an image may be pulled by what is signed: the policy, its keys, and signatures as cosign
 * leaves them in registries. What an image holds is not known here, only its digest.
 */
package io.gantry.image.signature;
