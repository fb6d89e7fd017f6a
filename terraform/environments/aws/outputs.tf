output "estate" {
  description = "All that the emulator, the connectors and the jobs read."
  value       = module.estate
}
