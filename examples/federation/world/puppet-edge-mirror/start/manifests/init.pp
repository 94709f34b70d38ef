# Keeps the newest verified bundle of the catalog in place.
class edge_mirror (
  String $bundle_dir = '/var/lib/chora',
) {
  file { $bundle_dir:
    ensure => directory,
    mode   => '0755',
  }
}
