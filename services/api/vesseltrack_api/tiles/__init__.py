"""Vector tiles of tracks, events and ports, in the Web Mercator grid."""
