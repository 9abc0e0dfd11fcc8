; Windows hears of magnet links from the registry alone. A program that has them already keeps them.
!macro customInstall
  ReadRegStr $0 HKCU "Software\Classes\magnet\shell\open\command" ""
  ${If} $0 == ""
    WriteRegStr HKCU "Software\Classes\magnet" "" "URL:Magnet link"
    WriteRegStr HKCU "Software\Classes\magnet" "URL Protocol" ""
    WriteRegStr HKCU "Software\Classes\magnet\shell\open\command" "" '"$INSTDIR\${APP_EXECUTABLE_FILENAME}" "%1"'
  ${EndIf}
!macroend

!macro customUnInstall
  ReadRegStr $0 HKCU "Software\Classes\magnet\shell\open\command" ""
  ${If} $0 == '"$INSTDIR\${APP_EXECUTABLE_FILENAME}" "%1"'
    DeleteRegKey HKCU "Software\Classes\magnet"
  ${EndIf}
!macroend
