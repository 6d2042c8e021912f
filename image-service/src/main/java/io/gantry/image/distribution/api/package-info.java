/**
 * The OCI distribution API, version 2: what each path and method means, which right it takes, and
 * what is answered in which case. How bytes come and go, and where they lie, is the business of
 * others.
 */
package io.gantry.image.distribution.api;
