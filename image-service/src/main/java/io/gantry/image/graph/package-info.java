/**
 * Which documents of the content store lead to which others: from an index to manifests, from those
 * to configurations and layers, as far as they are here. Nothing here fetches or keeps anything.
 */
package io.gantry.image.graph;
