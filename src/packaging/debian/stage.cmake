# Run by CPack on what `cmake --install` has put together: what only a package of Debian has.
set(root ${CPACK_TEMPORARY_DIRECTORY})
set(doc ${root}/usr/share/doc/hvsec)

file(MAKE_DIRECTORY ${root}/etc/hvsec)
file(COPY_FILE ${CPACK_HVSEC_PACKAGING}/systemd/hvsec.env ${root}/etc/hvsec/hvsec.env)

# The copyright file names the license, which every Debian has.
file(REMOVE ${doc}/LICENSE)
file(COPY_FILE ${CPACK_HVSEC_PACKAGING}/debian/copyright ${doc}/copyright)
file(RENAME ${doc}/CHANGELOG.md ${doc}/changelog)
string(TIMESTAMP date "%a, %d %b %Y %H:%M:%S +0000" UTC)
file(WRITE ${doc}/changelog.Debian
  "hvsec (${CPACK_PACKAGE_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE}) unstable; urgency=medium\n\n"
  "  * Built from the sources of this version; changelog.gz has what is new.\n\n"
  " -- ${CPACK_PACKAGE_CONTACT}  ${date}\n")

file(GLOB pages ${root}/usr/share/man/man1/*.1)
execute_process(COMMAND gzip -9n ${doc}/changelog ${doc}/changelog.Debian ${pages}
  COMMAND_ERROR_IS_FATAL ANY)

# Debian has a folder of its own for what vendors give to zsh.
file(RENAME ${root}/usr/share/zsh/site-functions ${root}/usr/share/zsh/vendor-completions)
file(CHMOD_RECURSE ${root}/etc
  FILE_PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ
  DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
