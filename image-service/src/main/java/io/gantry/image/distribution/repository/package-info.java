/**
 * Repositories on disk: which blobs and manifests each has, its tags, and what refers to what. The
 * content itself lies in the content store, once for all repositories; how clients ask for it is
 * not known here.
 */
package io.gantry.image.distribution.repository;
