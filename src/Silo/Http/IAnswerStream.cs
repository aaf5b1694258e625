namespace Splitwiser.Silo.Http;

/// <summary>Writes an answer as events, in one API's shapes.</summary>
internal interface IAnswerStream
{
    void Write(SseWriter events, ChoiceChunk piece);

    /// <summary>After the last chunk of the last choice.</summary>
    void End(SseWriter events);
}
