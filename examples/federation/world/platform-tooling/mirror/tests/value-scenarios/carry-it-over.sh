# Value scenario platform.mirror.export.carry-it-over
set -eu
mirror export catalog/ --output catalog.tar.gz
mirror import catalog.tar.gz --into elsewhere/
diff -r catalog/ elsewhere/
