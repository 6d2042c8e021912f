/**
 * Credentials that this node has for registries: in files of Docker's form, in files of their own,
 * or with helper programs. All are read anew whenever they are asked for; no secret is kept, logged
 * or passed as an argument.
 */
package io.gantry.image.credential;
