using System.Management.Automation;
using System.Security;

namespace HyperDas.Transforms;

/// <summary>
/// Accepts an access token as a secure string, as other commands do, and as plain text, as in environment variables and files.
/// </summary>
internal sealed class TokenTransformAttribute : ArgumentTransformationAttribute
{
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        if ((inputData is PSObject wrapped ? wrapped.BaseObject : inputData) is not string text)
        {
            return inputData;
        }
        SecureString token = new();
        foreach (char letter in text)
        {
            token.AppendChar(letter);
        }
        token.MakeReadOnly();
        return token;
    }
}
