/**
 * The documents that describe an image: indexes, manifests and configurations of OCI and Docker
 * schema 2, and the choice among platforms. Bytes come in and values go out; fetching and storing
 * them is the business of other packages.
 */
package io.gantry.image.manifest;
