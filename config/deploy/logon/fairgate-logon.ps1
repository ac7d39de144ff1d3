# Tells the school's gateway who logged on to this computer, and off.
#
# Group Policy, User Configuration, Scripts: run it at logon, and with "-Action logoff" at logoff.
# The token is this computer's own (fairgate devices token ID). Put it into TokenFile, one line, readable by users.
# The computer must trust the gateway's certificate authority, as it does for browsing. It never delays a logon.
param(
    [ValidateSet("logon", "logoff")] [string] $Action = "logon",
    [string] $Portal = "https://fairgate.example.sch.uk:8443",
    [string] $TokenFile = "$env:ProgramData\Fairgate\token"
)

try {
    $token = (Get-Content -Path $TokenFile -TotalCount 1 -ErrorAction Stop).Trim()
    $body = @{ user = "$env:USERDOMAIN\$env:USERNAME" } | ConvertTo-Json -Compress
    Invoke-RestMethod -Method Post -Uri "$Portal/$Action" -Headers @{ Authorization = "Bearer $token" } `
        -ContentType "application/json" -Body ([Text.Encoding]::UTF8.GetBytes($body)) -TimeoutSec 5 | Out-Null
} catch {
    # A logon goes on whatever happens here; the gateway then knows less, and says so.
    exit 0
}
