"""What every room uses: errors, files, devices, names, weights, the structures of volumes."""
