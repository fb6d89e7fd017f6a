output "estate" {
  description = "The outputs that the emulator, the connectors and the jobs read."
  value       = module.estate
}
