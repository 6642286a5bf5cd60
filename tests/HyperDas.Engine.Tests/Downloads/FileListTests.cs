using System.Text.RegularExpressions;
using HyperDas.Engine.Downloads.Hub;
using HyperDas.Engine.Tokenization.Chat;
using Xunit;

namespace HyperDas.Engine.Tests.Downloads;

/// <summary>What the documents say of files and forms is what the code has.</summary>
public class FileListTests
{
    [Fact]
    public void The_help_of_the_download_names_every_file_that_is_brought()
    {
        string paragraph = Regex.Match(
            Read("docs", "en-US", "Save-HyperDasModel.md"), @"Only the files that a model is read from[^\n]*").Value;

        Assert.Equal(NeededFiles.Names.Order(), Regex.Matches(paragraph, "`([^`]+)`").Select(m => m.Groups[1].Value).Order());
    }

    [Fact]
    public void The_documents_name_every_form_of_chat_templates()
    {
        string help = Regex.Match(
            Read("docs", "en-US", "Import-HyperDasModel.md"), @"one of the common fixed forms: ([^;]*);").Groups[1].Value;
        string limits = Regex.Match(Read("README.md"), @"chat templates of ([^.]*)\.").Groups[1].Value;

        foreach (string text in (string[])[help, limits])
        {
            string[] named =
            [
                .. Regex.Split(text, ", | and | or ")
                    .Select(name => name.Replace("'s", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal))
            ];
            Assert.Equal(ChatForm.All.Select(form => form.Name).Order(), named.Order());
        }
    }

    private static string Read(params string[] path)
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && folder.GetFiles("*.sln").Length == 0)
        {
            folder = folder.Parent;
        }
        return File.ReadAllText(Path.Combine([folder!.FullName, .. path])).ReplaceLineEndings("\n");
    }
}
