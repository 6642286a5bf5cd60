using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Xml.Linq;
using HyperDas.Help;

if (args.Length is not (3 or 4))
{
    Console.Error.WriteLine("usage: HyperDas.Help CMDLETS.dll PAGES-FOLDER HELP-FILE [ADDRESS-OF-PAGES]");
    return 1;
}
string cmdletAssembly = args[0], pages = args[1], helpFile = args[2];
Uri? online = args.Length == 4 ? new Uri(args[3]) : null;

InitialSessionState state = InitialSessionState.CreateDefault2();
// The assembly without the manifest: that one brings views in XML, which no machine loads whose execution policy is Restricted.
state.ImportPSModule(cmdletAssembly);
state.ThrowOnRunspaceOpenError = true;
using PowerShell shell = PowerShell.Create(state);
List<CmdletInfo> cmdlets =
    [.. shell.AddCommand("Get-Command").AddParameter("Module", Path.GetFileNameWithoutExtension(cmdletAssembly)).Invoke<CmdletInfo>()];

XElement root = Maml.Root(cmdlets
    .Select(cmdlet => (Cmdlet: cmdlet, Path: Path.Combine(pages, cmdlet.Name + ".md")))
    .Where(pair => File.Exists(pair.Path))
    .Select(pair => Maml.Command(pair.Cmdlet, HelpPage.Read(pair.Path), online)));

Directory.CreateDirectory(Path.GetDirectoryName(helpFile)!);
new XDocument(new XDeclaration("1.0", "utf-8", null), root).Save(helpFile);
foreach (string page in Directory.GetFiles(pages, "about_*.md"))
{
    string topic = Path.Combine(Path.GetDirectoryName(helpFile)!, Path.GetFileNameWithoutExtension(page) + ".help.txt");
    File.WriteAllText(topic, AboutTopic.Render(File.ReadAllText(page)));
}
return 0;
